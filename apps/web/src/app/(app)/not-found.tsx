import { EmptyState } from "../../components/empty-state.tsx";

export default function NotFound() {
  return (
    <EmptyState title="There is no such page">
      The address is wrong, or what it named does not exist.
    </EmptyState>
  );
}
