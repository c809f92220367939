import * as iam from "@aws-sdk/client-iam";
import { type Access, type RequestContext, tagContext } from "../authorise.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { limits } from "../quotas.ts";
import type { OidcProvider } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { accountOf, readTags, requestTags, tagList } from "./iam-names.ts";

function providerOrThrow(call: Call, arn: string | undefined): OidcProvider {
  const provider = accountOf(call).providers[arn ?? ""];
  if (provider) return provider;
  throw new AwsError("NoSuchEntity", `OpenIDConnect Provider not found for arn ${arn}`, 404);
}

function access(call: Call, action: string, arn: string | undefined, context: RequestContext = {}): Access[] {
  const provider = accountOf(call).providers[arn ?? ""];
  return [
    {
      action: `iam:${action}`,
      resource: arn ?? "",
      resourceAccount: call.accountId,
      context: { ...tagContext("aws:ResourceTag", provider?.tags ?? {}), ...context },
    },
  ];
}

function arnFor(call: Call, url: string | undefined): string {
  return `arn:${accountOf(call).partition}:iam::${call.accountId}:oidc-provider/${(url ?? "").replace(/^https:\/\//, "")}`;
}

function createProvider(
  call: Call,
  input: iam.CreateOpenIDConnectProviderCommandInput,
): Output<iam.CreateOpenIDConnectProviderCommandOutput> {
  const account = accountOf(call);
  const url = input.Url ?? "";
  if (!/^https:\/\/[^/?#\s]+(\/[^?#\s]*)?$/.test(url)) {
    throw new AwsError("ValidationError", "Invalid Open ID Connect Provider URL");
  }
  const arn = arnFor(call, url);
  if (account.providers[arn]) {
    throw new AwsError("EntityAlreadyExists", `Provider with url ${url} already exists.`, 409);
  }
  if (Object.keys(account.providers).length >= account.quotas.oidcProviders) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${account.quotas.oidcProviders}`,
      409,
    );
  }
  const clientIds = input.ClientIDList ?? [];
  checkClientIds(clientIds);
  const thumbprints = input.ThumbprintList ?? [];
  if (thumbprints.length > 5)
    throw new AwsError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.");
  account.providers[arn] = {
    arn,
    issuer: url.replace(/^https:\/\//, ""),
    clientIds: [...new Set(clientIds)],
    thumbprints,
    createdAt: call.now,
    tags: readTags(input.Tags),
  };
  return { OpenIDConnectProviderArn: arn, Tags: input.Tags };
}

function checkClientIds(ids: string[]): void {
  if (ids.length > limits.clientIdsPerProvider) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${limits.clientIdsPerProvider}`,
      409,
    );
  }
  if (ids.some((id) => id.length < 1 || id.length > 255)) {
    throw new AwsError("ValidationError", "A client id has 1 to 255 characters");
  }
}

export const providerOperations: Operation[] = [
  operation(iam.CreateOpenIDConnectProvider$, {
    access: (call, input: iam.CreateOpenIDConnectProviderCommandInput) => {
      const context = requestTags(input.Tags);
      const needed = access(call, "CreateOpenIDConnectProvider", arnFor(call, input.Url), context);
      return input.Tags?.length
        ? [...needed, ...access(call, "TagOpenIDConnectProvider", arnFor(call, input.Url), context)]
        : needed;
    },
    handle: createProvider,
  }),
  operation(iam.GetOpenIDConnectProvider$, {
    access: (call, input: iam.GetOpenIDConnectProviderCommandInput) =>
      access(call, "GetOpenIDConnectProvider", input.OpenIDConnectProviderArn),
    handle: (
      call,
      input: iam.GetOpenIDConnectProviderCommandInput,
    ): Output<iam.GetOpenIDConnectProviderCommandOutput> => {
      const provider = providerOrThrow(call, input.OpenIDConnectProviderArn);
      return {
        Url: provider.issuer,
        ClientIDList: provider.clientIds,
        ThumbprintList: provider.thumbprints,
        CreateDate: new Date(provider.createdAt),
        Tags: tagList(provider.tags),
      };
    },
  }),
  operation(iam.DeleteOpenIDConnectProvider$, {
    access: (call, input: iam.DeleteOpenIDConnectProviderCommandInput) =>
      access(call, "DeleteOpenIDConnectProvider", input.OpenIDConnectProviderArn),
    handle: (call, input: iam.DeleteOpenIDConnectProviderCommandInput): object => {
      // AWS neither checks that roles still name it, nor minds that it is gone ("idempotent", API Reference).
      delete accountOf(call).providers[input.OpenIDConnectProviderArn ?? ""];
      return {};
    },
  }),
  operation(iam.ListOpenIDConnectProviders$, {
    access: (call) => access(call, "ListOpenIDConnectProviders", "*"),
    handle: (call): Output<iam.ListOpenIDConnectProvidersCommandOutput> => ({
      OpenIDConnectProviderList: Object.keys(accountOf(call).providers)
        .sort()
        .map((Arn) => ({ Arn })),
    }),
  }),
  operation(iam.TagOpenIDConnectProvider$, {
    access: (call, input: iam.TagOpenIDConnectProviderCommandInput) =>
      access(call, "TagOpenIDConnectProvider", input.OpenIDConnectProviderArn, requestTags(input.Tags)),
    handle: (call, input: iam.TagOpenIDConnectProviderCommandInput): object => {
      const provider = providerOrThrow(call, input.OpenIDConnectProviderArn);
      provider.tags = readTags(input.Tags, provider.tags);
      return {};
    },
  }),
  operation(iam.UntagOpenIDConnectProvider$, {
    access: (call, input: iam.UntagOpenIDConnectProviderCommandInput) =>
      access(call, "UntagOpenIDConnectProvider", input.OpenIDConnectProviderArn, {
        "aws:TagKeys": input.TagKeys ?? [],
      }),
    handle: (call, input: iam.UntagOpenIDConnectProviderCommandInput): object => {
      const provider = providerOrThrow(call, input.OpenIDConnectProviderArn);
      for (const key of input.TagKeys ?? []) delete provider.tags[key];
      return {};
    },
  }),
  operation(iam.AddClientIDToOpenIDConnectProvider$, {
    access: (call, input: iam.AddClientIDToOpenIDConnectProviderCommandInput) =>
      access(call, "AddClientIDToOpenIDConnectProvider", input.OpenIDConnectProviderArn),
    handle: (call, input: iam.AddClientIDToOpenIDConnectProviderCommandInput): object => {
      const provider = providerOrThrow(call, input.OpenIDConnectProviderArn);
      const ids = [...new Set([...provider.clientIds, input.ClientID ?? ""])];
      checkClientIds(ids);
      provider.clientIds = ids;
      return {};
    },
  }),
  operation(iam.RemoveClientIDFromOpenIDConnectProvider$, {
    access: (call, input: iam.RemoveClientIDFromOpenIDConnectProviderCommandInput) =>
      access(call, "RemoveClientIDFromOpenIDConnectProvider", input.OpenIDConnectProviderArn),
    handle: (call, input: iam.RemoveClientIDFromOpenIDConnectProviderCommandInput): object => {
      const provider = providerOrThrow(call, input.OpenIDConnectProviderArn);
      provider.clientIds = provider.clientIds.filter((id) => id !== input.ClientID);
      return {};
    },
  }),
];
