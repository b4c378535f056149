import type { Metadata } from "next";
import { Admin } from "../../../features/admin/admin.tsx";
import { ForRolesOf } from "../../../features/shell/for-roles-of.tsx";

export const metadata: Metadata = { title: "Admin" };

export default function Page() {
  return (
    <ForRolesOf procedure="admin.users">
      <Admin />
    </ForRolesOf>
  );
}
