"use client";

import { ErrorState } from "../../components/error-state.tsx";

export default function ErrorPage(props: { reset: () => void }) {
  return (
    <ErrorState message="This page failed. Nothing that was saved is lost." onRetry={() => props.reset()} />
  );
}
