import type { Metadata } from "next";
import { RoundForm } from "../../../../features/validation/round-form.tsx";
import { ForRolesOf } from "../../../../features/shell/for-roles-of.tsx";

export const metadata: Metadata = { title: "New validation round" };

export default function Page() {
  return (
    <ForRolesOf procedure="validation.create">
      <RoundForm />
    </ForRolesOf>
  );
}
