/** The five S3 requests that the store makes, answered from memory; for tests of the client's side. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3TestServer extends AsyncDisposable {
  readonly endpoint: string;
}

/** Small, so that a handful of keys needs several pages. */
const pageSize = 2;

/** Serves any bucket but "missing". */
export async function startS3TestServer(): Promise<S3TestServer> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    answer(objects, request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(objects: Map<string, Buffer>, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const path = decodeURIComponent(url.pathname).slice(1);
  if (request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") !== true) {
    return refuse(response, 403, "AccessDenied");
  }
  if (path.startsWith("missing")) return refuse(response, 404, "NoSuchBucket");
  const stored = objects.get(path);
  switch (request.method ?? "GET") {
    case "PUT":
      objects.set(path, await bodyOf(request));
      return response.writeHead(200, { etag: '"x"' }).end();
    case "DELETE":
      objects.delete(path);
      return response.writeHead(204).end();
    case "HEAD":
      return response.writeHead(stored === undefined ? 404 : 200).end();
    default:
      if (url.searchParams.get("list-type") === "2") return list(objects, url, response);
      if (stored === undefined) return refuse(response, 404, "NoSuchKey");
      return response.writeHead(200, { "content-length": stored.length }).end(stored);
  }
}

function list(objects: Map<string, Buffer>, url: URL, response: ServerResponse) {
  const bucket = decodeURIComponent(url.pathname).split("/")[1] ?? "";
  const prefix = `${bucket}/${url.searchParams.get("prefix") ?? ""}`;
  const start = Number(url.searchParams.get("continuation-token") ?? "0");
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  const page = keys.slice(start, start + pageSize);
  const hasMore = start + pageSize < keys.length;
  const contents = page
    .map((key) => `<Contents><Key>${key.slice(bucket.length + 1)}</Key></Contents>`)
    .join("");
  const next = hasMore ? `<NextContinuationToken>${start + pageSize}</NextContinuationToken>` : "";
  response
    .writeHead(200, { "content-type": "application/xml" })
    .end(`<ListBucketResult><IsTruncated>${hasMore}</IsTruncated>${next}${contents}</ListBucketResult>`);
}

function refuse(response: ServerResponse, status: number, code: string) {
  response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<Error><Code>${code}</Code></Error>`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
