import { BlockList, isIPv6 } from "node:net";

/** Whether an address is the one that is allowed, or lies in the allowed range. */
export function isAllowedAddress(address: string, allowed: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  const list = new BlockList();
  const [network = "", prefix] = allowed.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  if (prefix === undefined) list.addAddress(network, family);
  else list.addSubnet(network, Number(prefix), family);
  return list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}
