"use client";

import { roleSchema, type Membership } from "@crossread/contracts/role";
import { Plus, Trash2 } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { Select } from "../../components/form-field.tsx";
import { useSites } from "../metrics/use-sites.ts";

/** Pairs of role and site; the platform as site for admin and auditor only. */
export function RoleFields(props: {
  memberships: readonly Membership[];
  onChange: (memberships: readonly Membership[]) => void;
}) {
  const { memberships, onChange } = props;
  const { sites } = useSites();
  const firstSite = sites[0]?.siteId ?? null;
  const replace = (index: number, membership: Membership) =>
    onChange(memberships.map((one, place) => (place === index ? membership : one)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium text-slate-800">Roles</legend>
      {memberships.map((membership, index) => {
        const isForPlatform = membership.role === "admin" || membership.role === "auditor";
        return (
          <div key={index} className="flex gap-2">
            <Select
              aria-label={`Role ${index + 1}`}
              value={membership.role}
              onChange={(event) => {
                const role = roleSchema.parse(event.target.value);
                const mayBePlatform = role === "admin" || role === "auditor";
                const siteId = mayBePlatform ? membership.siteId : (membership.siteId ?? firstSite);
                replace(index, { role, siteId });
              }}
            >
              {roleSchema.options.map((role) => (
                <option key={role} value={role}>
                  {role}
                </option>
              ))}
            </Select>
            <Select
              aria-label={`Site of role ${index + 1}`}
              value={membership.siteId ?? ""}
              onChange={(event) =>
                replace(index, {
                  role: membership.role,
                  siteId: event.target.value === "" ? null : event.target.value,
                })
              }
            >
              {isForPlatform ? <option value="">whole platform</option> : null}
              {sites.map((site) => (
                <option key={site.siteId} value={site.siteId}>
                  {site.name}
                </option>
              ))}
            </Select>
            <Button
              emphasis="quiet"
              aria-label={`Remove role ${index + 1}`}
              onClick={() => onChange(memberships.filter((_, place) => place !== index))}
            >
              <Trash2 size={14} aria-hidden />
            </Button>
          </div>
        );
      })}
      <Button
        className="self-start"
        onClick={() => onChange([...memberships, { role: "coordinator", siteId: firstSite }])}
        disabled={firstSite === null}
      >
        <Plus size={14} aria-hidden /> Add a role
      </Button>
    </fieldset>
  );
}
