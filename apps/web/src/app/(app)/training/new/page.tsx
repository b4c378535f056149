import type { Metadata } from "next";
import { LaunchForm } from "../../../../features/training/launch-form.tsx";
import { ForRolesOf } from "../../../../features/shell/for-roles-of.tsx";

export const metadata: Metadata = { title: "Launch a run" };

export default function Page() {
  return (
    <ForRolesOf procedure="training.launch">
      <LaunchForm />
    </ForRolesOf>
  );
}
