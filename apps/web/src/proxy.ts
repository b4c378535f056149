import { withAuth, type NextRequestWithAuth } from "next-auth/middleware";
import { NextResponse } from "next/server";
import { isDevelopment } from "./env.ts";

/** Only a first gate: every page and procedure checks the session against the database itself. */
const openPaths = ["/sign-in", "/api/auth/", "/api/health"];

function contentSecurityPolicy(nonce: string): string {
  // React's development build evaluates strings to rebuild server stack traces.
  const development = isDevelopment() ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    // Cornerstone's codecs are WebAssembly in workers.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic' 'wasm-unsafe-eval'${development}`,
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self' blob: data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function proxy(request: NextRequestWithAuth): NextResponse {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Next reads the nonce of its own scripts from this request header.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

export default withAuth(proxy, {
  pages: { signIn: "/sign-in" },
  callbacks: {
    authorized: ({ req, token }) =>
      token !== null || openPaths.some((path) => req.nextUrl.pathname.startsWith(path)),
  },
});

export const config = {
  // tRPC, DICOMweb and uploads answer a caller without a session in their own form; a proxy would also copy bodies, and
  // cut long ones.
  matcher: [
    "/((?!_next/static|_next/image|favicon.ico|icon.svg|api/trpc|api/health|api/dicomweb|api/uploads).*)",
  ],
};
