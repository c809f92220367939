"use client";

import { memo, useMemo } from "react";
import { useController, useFormContext, useWatch } from "react-hook-form";
import { Combobox } from "#components/ui/combobox.tsx";
import type { ComboboxGroup } from "#components/ui/combobox-list.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import { clusterKey } from "#lib/model/workload.ts";
import { useFieldError, useRequestForm } from "./context.tsx";
import type { ClusterOption } from "./types.ts";
import { clusterOf, type FormValues } from "./values.ts";

/** Who asks: the cluster, the namespace and the service account. */
export const WorkloadFields = memo(function WorkloadFields() {
  return (
    <div className="grid grid-cols-1 gap-4">
      <ClusterField />
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <NamespaceField />
        <ServiceAccountField />
      </div>
    </div>
  );
});

function clusterItems(clusters: readonly ClusterOption[]): ComboboxGroup[] {
  const groups = new Map<string, ComboboxGroup & { items: ComboboxGroup["items"][number][] }>();
  for (const cluster of clusters) {
    const label = `${cluster.accountName} · ${cluster.accountId}`;
    const group = groups.get(label) ?? { label, items: [] };
    group.items.push({
      value: clusterKey(cluster),
      label: cluster.name,
      description: cluster.ready
        ? cluster.region
        : `${cluster.region}: not ready, EKS has not told its issuer yet`,
      meta: cluster.environment,
      disabled: !cluster.ready,
    });
    groups.set(label, group);
  }
  return [...groups.values()];
}

function ClusterField() {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { field } = useController({ control, name: "cluster" });
  const items = useMemo(() => clusterItems(options.clusters), [options.clusters]);
  const cluster = clusterOf(field.value, options);
  return (
    <Field
      label="Cluster"
      error={useFieldError("cluster", "workload.cluster")}
      hint={
        cluster
          ? `${cluster.accountName} (${cluster.accountId}), ${cluster.region}, ${cluster.environment}`
          : "Where the pods run."
      }
    >
      <Combobox
        items={items}
        value={field.value || null}
        onValueChange={(value) => field.onChange(value ?? "")}
        onBlur={field.onBlur}
        inputRef={field.ref}
        placeholder="Choose a cluster"
        emptyText="No such cluster. An admin can register it."
      />
    </Field>
  );
}

function NamespaceField() {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { field } = useController({ control, name: "namespace" });
  const cluster = clusterOf(useWatch({ control, name: "cluster" }), options);
  const namespaces = cluster?.namespaces;
  const items = useMemo(
    () =>
      (namespaces ?? []).map(({ name, ownerGroup }) => ({
        value: name,
        label: name,
        description: ownerGroup ? `owned by ${ownerGroup}` : "no owner group",
      })),
    [namespaces],
  );
  const chosen = namespaces?.find(({ name }) => name === field.value);
  return (
    <Field
      label="Namespace"
      error={useFieldError("namespace", "workload.namespace")}
      hint={chosen?.ownerGroup ? `Owned by ${chosen.ownerGroup}.` : "It need not exist yet."}
    >
      <SuggestInput
        items={items}
        value={field.value}
        onValueChange={(value) => field.onChange(value.trim())}
        onBlur={field.onBlur}
        inputRef={field.ref}
        placeholder="payments"
        mono
      />
    </Field>
  );
}

function ServiceAccountField() {
  const { control } = useFormContext<FormValues>();
  const { field } = useController({ control, name: "serviceAccount" });
  return (
    <Field
      label="Service account"
      hint="What the pods run as."
      error={useFieldError("serviceAccount", "workload.serviceAccount")}
    >
      <Input
        ref={field.ref}
        value={field.value}
        onChange={(event) => field.onChange(event.currentTarget.value.trim())}
        onBlur={field.onBlur}
        placeholder="ledger-exporter"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        mono
      />
    </Field>
  );
}
