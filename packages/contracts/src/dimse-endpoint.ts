import { z } from "zod";

/** PS3.5 6.2, AE: up to 16 printable characters without backslash, not only spaces. */
export const aeTitleSchema = z
  .string()
  .trim()
  .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, "An AE title has 1 to 16 printable characters without a backslash.");

/** One IP address, or a range as in 192.0.2.0/24. */
export const peerAddressSchema = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: "Give an IP address, or a range as in 192.0.2.0/24.",
});

export const dimsePeerSchema = z.strictObject({ aeTitle: aeTitleSchema, address: peerAddressSchema });
export type DimsePeer = z.infer<typeof dimsePeerSchema>;

export const dimseEndpointSchema = z.strictObject({
  aeTitle: aeTitleSchema,
  isEnabled: z.boolean(),
  peers: z.array(dimsePeerSchema).max(50),
});
export type DimseEndpoint = z.infer<typeof dimseEndpointSchema>;
