import { NoSuchPage } from "../../components/no-such-page.tsx";

export default function NotFound() {
  return <NoSuchPage />;
}
