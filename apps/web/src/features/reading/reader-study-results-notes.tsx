/** Every sentence once: why cells with a dash have no number. */
export function UndefinedNotes(props: { estimates: readonly object[] }) {
  const sentences = new Set(
    props.estimates.flatMap((estimate) =>
      "undefined" in estimate && typeof estimate.undefined === "string" ? [estimate.undefined] : [],
    ),
  );
  if (sentences.size === 0) return null;
  return (
    <ul className="mt-2 list-inside list-disc text-xs text-slate-600">
      {[...sentences].slice(0, 8).map((sentence) => (
        <li key={sentence}>–: {sentence}</li>
      ))}
    </ul>
  );
}
