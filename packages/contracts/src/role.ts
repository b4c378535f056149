import { z } from "zod";

export const roleSchema = z.enum(["admin", "coordinator", "radiologist", "auditor"]);
export type Role = z.infer<typeof roleSchema>;

/** A role at one site, or on the whole platform where `siteId` is null (admin and auditor only). */
export const membershipSchema = z.strictObject({ role: roleSchema, siteId: z.uuid().nullable() });
export type Membership = z.infer<typeof membershipSchema>;
