/** DICOM JSON model → Native DICOM Model (PS3.19 A.1), for clients that ask for application/dicom+xml. */
import type { DicomJson, DicomJsonElement, DicomJsonValue } from "@crossread/dicom/dicom-json";

export function toNativeXml(attributes: DicomJson): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">${inner(attributes)}</NativeDicomModel>`;
}

function inner(attributes: DicomJson): string {
  return Object.entries(attributes)
    .map(
      ([tag, element]) =>
        `<DicomAttribute tag="${tag}" vr="${element.vr}">${content(element)}</DicomAttribute>`,
    )
    .join("");
}

function content(element: DicomJsonElement): string {
  if (element.BulkDataURI !== undefined) return `<BulkData uri="${escapeXml(element.BulkDataURI)}"/>`;
  if (element.InlineBinary !== undefined) return `<InlineBinary>${element.InlineBinary}</InlineBinary>`;
  return (element.Value ?? []).map((value, index) => numbered(element.vr, value, index + 1)).join("");
}

function numbered(vr: string, value: DicomJsonValue, number: number): string {
  if (vr === "SQ") {
    return `<Item number="${number}">${typeof value === "object" && value !== null ? inner(value as DicomJson) : ""}</Item>`;
  }
  if (vr === "PN") return `<PersonName number="${number}">${personName(value)}</PersonName>`;
  const text = typeof value === "string" || typeof value === "number" ? escapeXml(String(value)) : "";
  return `<Value number="${number}">${text}</Value>`;
}

/** Components in the order of PS3.5 6.2, PN. */
const components = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

function personName(value: DicomJsonValue): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([group, text]) => {
      const parts = String(text).split("^");
      const named = parts.map((part, index) => {
        const name = components[index];
        return name === undefined || part === "" ? "" : `<${name}>${escapeXml(part)}</${name}>`;
      });
      return `<${group}>${named.join("")}</${group}>`;
    })
    .join("");
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
