import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { findCalledSite } from "@crossread/db/dimse-endpoints";
import type * as DcmjsDimse from "dcmjs-dimse";
import { createArrival, type Arrival, type ArrivalStatus } from "./arrival.ts";
import type { DimseContext } from "./dimse-context.ts";
import { acceptedSyntax, isOfferedClass } from "./offered-syntaxes.ts";
import { part10Header } from "./part10-header.ts";
import { isAllowedAddress } from "./peer-address.ts";

// The library is CommonJS behind types that say otherwise.
const { Scp, constants, log, responses } = createRequire(import.meta.url)("dcmjs-dimse") as typeof DcmjsDimse;
const { PresentationContextResult, RejectReason, RejectResult, RejectSource, Status } = constants;
// It would log whole commands, and with them who sends what.
log.disableAll();

type Association = DcmjsDimse.association.Association;
type PresentationContext = DcmjsDimse.association.PresentationContext;

const timeouts = { connectTimeout: 180_000, associationTimeout: 30_000, pduTimeout: 120_000 };

/** PS3.4 table B.2-1. */
const statuses: Readonly<Record<ArrivalStatus | "too-large" | "failed", number>> = {
  stored: Status.Success,
  "out-of-resources": 0xa700,
  "too-large": 0xa700,
  failed: 0xa700,
};

/** One association of a sender: C-ECHO and C-STORE, and nothing else. */
export class StoreAssociation extends Scp {
  readonly #socket: Socket;
  readonly #context: DimseContext;
  readonly #peerAddress: string;
  #arrival: Arrival | undefined;
  #received: { chunks: Buffer[]; sizeBytes: number; transferSyntaxUid: string } | undefined;
  #storing: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #ended: Promise<void> | undefined;

  constructor(socket: Socket, context: DimseContext) {
    super(socket, timeouts);
    this.#socket = socket;
    this.#context = context;
    this.#peerAddress = socket.remoteAddress ?? "";
    this.on("networkError", () => socket.destroy());
  }

  override associationRequested(association: Association): void {
    this.#admit(association).catch((error: unknown) => {
      this.#context.logger.error({ err: error }, "a DICOM association could not be judged");
      this.#reject(
        RejectResult.Transient,
        RejectSource.ServiceProviderPresentation,
        RejectReason.TemporaryCongestion,
      );
    });
  }

  async #admit(association: Association): Promise<void> {
    const calling = association.getCallingAeTitle().trim();
    const site = await findCalledSite(this.#context.db, association.getCalledAeTitle().trim());
    if (site === undefined) {
      return this.#reject(
        RejectResult.Permanent,
        RejectSource.ServiceUser,
        RejectReason.CalledAeNotRecognized,
      );
    }
    const isAllowed = site.peers.some(
      ({ address, aeTitle }) => aeTitle === calling && isAllowedAddress(this.#peerAddress, address),
    );
    if (!isAllowed) {
      // The address helps whoever sets up the peer; the titles stay out, since anybody may send anything as one.
      this.#context.logger.warn({ siteId: site.siteId, address: this.#peerAddress }, "DICOM peer refused");
      return this.#reject(
        RejectResult.Permanent,
        RejectSource.ServiceUser,
        RejectReason.CallingAeNotRecognized,
      );
    }
    for (const { context, id } of association.getPresentationContexts()) {
      const chosen = isOfferedClass(context.getAbstractSyntaxUid())
        ? acceptedSyntax(context.getTransferSyntaxUids())
        : undefined;
      const own = association.getPresentationContext(id);
      if (chosen !== undefined) own.setResult(PresentationContextResult.Accept, chosen);
      else if (isOfferedClass(context.getAbstractSyntaxUid())) {
        own.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
      } else own.setResult(PresentationContextResult.RejectAbstractSyntaxNotSupported);
    }
    this.#arrival = createArrival(this.#context, site.siteId);
    this.sendAssociationAccept();
  }

  #reject(result: number, source: number, reason: number): void {
    this.sendAssociationReject(result, source, reason);
    this.#socket.end();
  }

  override cEchoRequest(
    request: DcmjsDimse.requests.CEchoRequest,
    callback: (response: DcmjsDimse.responses.CEchoResponse) => void,
  ): void {
    const response = responses.CEchoResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  }

  /** Takes what comes without ever asking to wait: the library does not keep order while it waits. */
  override createStoreWritableStream(context: PresentationContext): Writable {
    const received = {
      chunks: [] as Buffer[],
      sizeBytes: 0,
      transferSyntaxUid: context.getAcceptedTransferSyntaxUid() ?? "",
    };
    this.#received = received;
    const { maxInstanceBytes } = this.#context.limits;
    return new Writable({
      highWaterMark: Number.MAX_SAFE_INTEGER,
      write(chunk: Buffer, _encoding, done) {
        received.sizeBytes += chunk.length;
        // A copy, because the library hands out views of buffers that hold whole PDUs.
        if (received.sizeBytes <= maxInstanceBytes) received.chunks.push(Buffer.from(chunk));
        else received.chunks = [];
        done();
      },
    });
  }

  /** The bytes are kept as they came: nothing here parses them. */
  override createDatasetFromStoreWritableStream(
    writable: Writable,
    _context: PresentationContext,
    callback: (dataset: DcmjsDimse.Dataset) => void,
  ): void {
    const pass = () => callback(undefined as unknown as DcmjsDimse.Dataset);
    if (writable.writableFinished) pass();
    else writable.once("finish", pass);
  }

  override cStoreRequest(
    request: DcmjsDimse.requests.CStoreRequest,
    callback: (response: DcmjsDimse.responses.CStoreResponse) => void,
  ): void {
    const received = this.#received;
    this.#received = undefined;
    clearTimeout(this.#idle);
    this.#storing = this.#answerInTurn(this.#storing, async () => {
      const response = responses.CStoreResponse.fromRequest(request);
      response.setStatus(statuses[await this.#store(request, received)]);
      return callback(response);
    });
  }

  async #answerInTurn(before: Promise<void>, answer: () => Promise<void>): Promise<void> {
    await before;
    await answer();
    this.#idle = setTimeout(() => {
      this.#arrival?.ingest().catch(this.#logFailure);
    }, this.#context.limits.idleIngestMs);
    this.#idle.unref();
  }

  async #store(
    request: DcmjsDimse.requests.CStoreRequest,
    received: { chunks: Buffer[]; sizeBytes: number; transferSyntaxUid: string } | undefined,
  ): Promise<keyof typeof statuses> {
    if (received === undefined || this.#arrival === undefined) return "failed";
    if (received.sizeBytes > this.#context.limits.maxInstanceBytes) return "too-large";
    const header = part10Header({
      sopClassUid: request.getAffectedSopClassUid(),
      sopInstanceUid: request.getAffectedSopInstanceUid(),
      transferSyntaxUid: received.transferSyntaxUid,
    });
    try {
      return await this.#arrival.store(Buffer.concat([header, ...received.chunks]));
    } catch (error) {
      this.#logFailure(error);
      return "failed";
    }
  }

  readonly #logFailure = (error: unknown): void => {
    this.#context.logger.error({ err: error }, "a received DICOM instance could not be kept");
  };

  override associationReleaseRequested(): void {
    void this.end().finally(() => this.sendAssociationReleaseResponse());
  }

  override abort(): void {
    void this.end();
    this.#socket.destroy();
  }

  /** After release, abort or a broken line: what was acknowledged is read. */
  end(): Promise<void> {
    clearTimeout(this.#idle);
    this.#ended ??= this.#storing.then(() => this.#arrival?.end()).catch(this.#logFailure);
    return this.#ended;
  }
}
