import { DicomWebRefusal } from "./dicomweb-refusal.ts";
import { parseAccept, type MediaType } from "./media-type.ts";

/** A form in which a resource can be had. */
export interface Offer {
  readonly type: string;
  /** Wrapped in multipart/related, one part an instance or frame (PS3.18 8.6.1.2). */
  readonly isMultipart: boolean;
}

export interface Choice {
  readonly offer: Offer;
  /** What the client asked of the encoding: a UID, "*" for as it is stored, or nothing. */
  readonly transferSyntax: string | undefined;
}

/** The first offer that the client's most preferred range takes. PS3.18 8.3.3.1: a query parameter wins over the header. */
export function negotiate(request: Request, offers: readonly Offer[]): Choice {
  const asked = new URL(request.url).searchParams.get("accept") ?? request.headers.get("accept") ?? "*/*";
  for (const range of parseAccept(asked)) {
    const offer = offers.find((one) => takes(range, one));
    if (offer !== undefined) return { offer, transferSyntax: range.parameters.get("transfer-syntax") };
  }
  const forms = offers.map(({ isMultipart, type }) =>
    isMultipart ? `multipart/related; type="${type}"` : type,
  );
  throw new DicomWebRefusal(406, `This resource can be had as ${forms.join(", ")}.`);
}

function takes(range: MediaType, offer: Offer): boolean {
  const wrapped = offer.isMultipart ? "multipart/related" : offer.type;
  if (!matches(range.type, wrapped)) return false;
  if (!offer.isMultipart || range.type !== "multipart/related") return true;
  return matches(range.parameters.get("type")?.toLowerCase() ?? "*/*", offer.type);
}

const matches = (range: string, type: string): boolean =>
  range === "*/*" || range === type || (range.endsWith("/*") && type.startsWith(range.slice(0, -1)));

export const explicitVrLittleEndian = "1.2.840.10008.1.2.1";

/**
 * Whether a file may go out as it is stored. PS3.18 8.7.3.5.2: without a wish the encoding is Explicit VR Little Endian.
 */
export function isStoredEncodingAsked(wish: string | undefined, storedTransferSyntax: string): boolean {
  if (wish === "*" || wish === storedTransferSyntax) return true;
  if (wish === undefined || wish === explicitVrLittleEndian) return false;
  throw new DicomWebRefusal(
    406,
    `Images are given as stored (transfer-syntax=*) or in ${explicitVrLittleEndian}, not in ${wish.slice(0, 64)}.`,
  );
}
