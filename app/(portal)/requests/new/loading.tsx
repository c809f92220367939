import { RequestFormSkeleton } from "#components/request-form/request-form-skeleton.tsx";

export default function Loading() {
  return <RequestFormSkeleton />;
}
