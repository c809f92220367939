import type { APIResponse, Page, Request } from "@playwright/test";

/** The call of a server action as a browser made it, to be made again by others or with other contents. */
export interface ActionCall {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Does `act` and returns the first call of a server action that it makes. */
export async function actionCall(page: Page, act: () => Promise<void>): Promise<ActionCall> {
  const sent = page.waitForRequest(isAction);
  await act();
  const request = await sent;
  const { "content-type": type = "", accept = "*/*", "next-action": action = "" } = request.headers();
  return {
    url: request.url(),
    headers: { "content-type": type, accept, "next-action": action, origin: new URL(request.url()).origin },
    body: request.postData() ?? "",
  };
}

export function isAction(request: Request): boolean {
  return request.method() === "POST" && request.headers()["next-action"] !== undefined;
}

/** The same call with the cookies of this page's person; what is in `changes` is sent instead. */
export function replay(
  page: Page,
  call: ActionCall,
  changes: Partial<ActionCall> = {},
): Promise<APIResponse> {
  const { url, headers, body } = { ...call, ...changes };
  return page.context().request.post(url, { headers, data: body, maxRedirects: 0 });
}
