const formats = [
  ["dicom", "DICOM objects"],
  ["readings", "Readings (CSV)"],
  ["marks", "Marks (CSV)"],
  ["json", "JSON"],
] as const;

/** Downloads of what was read in a closed study. */
export function ExportLinks(props: { readerStudyId: string }) {
  return (
    <nav aria-label="Downloads" className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {formats.map(([format, label]) => (
        <a
          key={format}
          href={`/api/reader-studies/${props.readerStudyId}/export?format=${format}`}
          className="underline"
          download
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
