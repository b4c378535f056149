import { findApiToken, markApiTokenUsed } from "@crossread/db/api-tokens";
import { hasPendingCase } from "@crossread/db/blinding";
import type { DicomWebViewer } from "@crossread/db/dicomweb-search";
import { acrossSites } from "@crossread/db/row-scope";
import { access, scopeOf } from "../access.ts";
import { isSameHash, parseToken } from "@crossread/db/api-token-secret";
import { dicomWebAccess, type DicomWebService } from "./dicomweb-access.ts";
import { DicomWebRefusal, retryAfter } from "./dicomweb-refusal.ts";
import type { DicomWebServices } from "./dicomweb-services.ts";

/** A site's token, or a signed-in person. */
export interface DicomWebCaller {
  readonly viewer: DicomWebViewer;
  readonly token: { readonly tokenId: string; readonly siteId: string } | undefined;
}

const challenge = { "www-authenticate": 'Bearer realm="Crossread DICOMweb"' };

const unauthenticated = (message: string) => new DicomWebRefusal(401, message, challenge);

/** Says who asks, and refuses whom the access table does not let in. */
export async function authorise(
  request: Request,
  service: DicomWebService,
  services: DicomWebServices,
): Promise<DicomWebCaller> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) return tokenCaller(request, { authorization, service }, services);
  const row = dicomWebAccess[service];
  const actor = row.procedure === undefined ? undefined : await services.actor();
  if (actor === undefined || row.procedure === undefined) {
    throw unauthenticated("Send a token of your site as Authorization: Bearer.");
  }
  const scope = scopeOf(access[row.procedure], actor.memberships);
  if (scope === undefined) throw new DicomWebRefusal(403, "None of your roles may use this service.");
  return { viewer: { scope, userId: actor.userId }, token: undefined };
}

async function tokenCaller(
  request: Request,
  asked: { authorization: string; service: DicomWebService },
  services: DicomWebServices,
): Promise<DicomWebCaller> {
  const { limits, now } = services;
  // The token says which site; before it is found there is none.
  const db = acrossSites(services.db, "api token");
  const address = request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "unknown";
  const claim = parseToken(/^Bearer +(\S+)$/i.exec(asked.authorization)?.[1] ?? "");
  const stored = claim === undefined ? undefined : await findApiToken(db, { ...claim, at: now() });
  if (claim === undefined || stored === undefined || !isSameHash(stored.tokenHash, claim.tokenHash)) {
    if (!limits.refused.take(address)) throw tooMany();
    throw unauthenticated("The token is unknown, expired or revoked.");
  }
  if (!limits.requests.take(claim.tokenId)) throw tooMany();
  const { scope } = dicomWebAccess[asked.service];
  if (!stored.scopes.includes(scope)) {
    throw new DicomWebRefusal(403, `This token may not ${scope}.`);
  }
  // It was made before the maker came to read: whose case it is, the maker would see with it as anybody does.
  if (scope === "read" && (await hasPendingCase(db, stored.makerId))) {
    throw new DicomWebRefusal(
      403,
      "This token does not read while the person who made it still has cases to read. Use one that somebody else has made.",
    );
  }
  await markApiTokenUsed(db, { tokenId: claim.tokenId, at: now() });
  return {
    viewer: { scope: [stored.siteId], userId: null },
    token: { tokenId: claim.tokenId, siteId: stored.siteId },
  };
}

const tooMany = () => new DicomWebRefusal(429, "Too many requests. Try again in a minute.", retryAfter(60));
