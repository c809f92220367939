"use client";

import { Plus } from "lucide-react";
import { useState, useTransition } from "react";
import { focusInvalid } from "#components/admin/focus-invalid.ts";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";
import { clusterRefSchema } from "#lib/model/workload.ts";

export type RegisterClusterProps = {
  accounts: readonly { id: string; name: string; regions: string[] }[];
  save: (input: unknown) => Promise<Outcome<unknown>>;
};

type Errors = Partial<Record<"accountId" | "region" | "name", string>>;

/** Where a cluster is; the rest, its issuer above all, comes from EKS itself. */
export function RegisterCluster({ accounts, save }: RegisterClusterProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      size="sm"
      title="Register a cluster"
      description="Drawbridge asks EKS for its OIDC issuer: nobody can type a wrong one."
      trigger={
        <Button variant="primary" icon={<Plus aria-hidden="true" />}>
          Register cluster
        </Button>
      }
    >
      <ClusterForm accounts={accounts} save={save} onSaved={() => setOpen(false)} />
    </Dialog>
  );
}

function ClusterForm({ accounts, save, onSaved }: RegisterClusterProps & { onSaved: () => void }) {
  const [first] = accounts;
  const [cluster, setCluster] = useState({
    accountId: first?.id ?? "",
    region: first?.regions[0] ?? "",
    name: "",
  });
  const [errors, setErrors] = useState<Errors>({});
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [pending, startTransition] = useTransition();
  const toast = useToast();
  const regions = accounts.find(({ id }) => id === cluster.accountId)?.regions ?? [];

  function submit() {
    const parsed = clusterRefSchema.safeParse({ ...cluster, name: cluster.name.trim() });
    setErrors(
      Object.fromEntries((parsed.error?.issues ?? []).map(({ path, message }) => [String(path[0]), message])),
    );
    if (!parsed.success) return;
    startTransition(async () => {
      const outcome = await save(parsed.data);
      setRefusals(outcome.ok ? [] : outcome.refusals);
      if (!outcome.ok) return;
      toast.success({ title: `${parsed.data.name} is registered`, body: "EKS is being asked about it." });
      onSaved();
    });
  }

  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        focusInvalid(event.currentTarget);
      }}
    >
      <Field label="Account" error={errors.accountId}>
        <Select
          items={accounts.map(({ id, name }) => ({ value: id, label: name, description: id }))}
          value={cluster.accountId}
          onValueChange={(accountId) =>
            setCluster({
              ...cluster,
              accountId,
              region: accounts.find(({ id }) => id === accountId)?.regions[0] ?? "",
            })
          }
        />
      </Field>
      <Field label="Region" hint="Regions of the account that Drawbridge looks into." error={errors.region}>
        <Select
          items={regions.map((value) => ({ value, label: value }))}
          value={cluster.region}
          onValueChange={(region) => setCluster({ ...cluster, region })}
        />
      </Field>
      <Field label="Name" hint="As EKS has it." error={errors.name}>
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={cluster.name}
          onChange={(event) => setCluster({ ...cluster, name: event.currentTarget.value })}
        />
      </Field>
      <RefusalList title="The cluster was not registered" refusals={refusals} />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" pending={pending}>
          Register cluster
        </Button>
      </div>
    </form>
  );
}
