/** An address of either family as a number. */
interface Address {
  bits: 32 | 128;
  value: bigint;
}

function parseV4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    // No leading zeros: some parsers read 010 as eight.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function parseGroups(text: string, endsAddress: boolean): bigint[] | null {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (part.includes(".")) {
      const v4 = endsAddress && at === parts.length - 1 ? parseV4(part) : null;
      if (v4 === null) return null;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}

function parseV6(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce(
    (sum, group) => sum * 65536n + group,
    0n,
  );
}

/** `203.0.113.7` or `2001:db8::1`; null when it is neither. */
export function parseAddress(text: string): Address | null {
  const value = text.includes(":") ? parseV6(text) : parseV4(text);
  return value === null ? null : { bits: text.includes(":") ? 128 : 32, value };
}

/** An address with an optional prefix length (RFC 4632); without one it stands for itself alone. */
export function parseCidr(text: string): (Address & { prefix: number }) | null {
  const [base, length, ...rest] = text.split("/");
  const address = parseAddress(base ?? "");
  if (address === null || rest.length > 0) return null;
  if (length === undefined) return { ...address, prefix: address.bits };
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > address.bits) return null;
  return { ...address, prefix: Number(length) };
}

/** Whether the address lies in the range; the two families never contain each other. */
export function inCidr(cidr: string, address: string): boolean | null {
  const range = parseCidr(cidr);
  const host = parseAddress(address);
  if (range === null || host === null) return null;
  if (range.bits !== host.bits) return false;
  const shift = BigInt(range.bits - range.prefix);
  return range.value >> shift === host.value >> shift;
}

/** RFC 1918, RFC 4193, RFC 6598 (which clusters give to pods), loopback and link-local. */
const privateRanges = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** Whether all addresses of the range, or the address, are private: `aws:SourceIp` is never one of them. */
export function isPrivateRange(text: string): boolean {
  const range = parseCidr(text);
  const address = text.split("/")[0] ?? "";
  return (
    range !== null &&
    privateRanges.some((one) => {
      const outer = parseCidr(one);
      return outer !== null && range.prefix >= outer.prefix && inCidr(one, address) === true;
    })
  );
}
