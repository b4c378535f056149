import { DomainError } from "@crossread/contracts/errors";
import pg from "pg";
import { allSitesRole, siteRole } from "./scoped-pool.ts";

/**
 * Asked before any migration is begun, because one that fails halfway has to be taken back by hand.
 *
 * @throws {DomainError} "environment-invalid" where the web application's roles are missing or out of reach, with what an
 *   administrator of the server has to run
 */
export async function assertWebRolesInReach(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{
      user: string;
      canMake: boolean;
      inReach: string[];
      known: string[];
    }>(
      `SELECT quote_ident(current_user) AS user,
        (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS "canMake",
        ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)) AS known,
        ARRAY(SELECT rolname::text FROM pg_roles
          WHERE rolname = ANY ($1) AND pg_has_role(current_user, oid, 'MEMBER')) AS "inReach"`,
      [roles],
    );
    const [row] = rows;
    if (row === undefined || row.canMake || roles.every((role) => row.inReach.includes(role))) return;
    const make = roles
      .filter((role) => !row.known.includes(role))
      .map((role) => `CREATE ROLE ${role} NOLOGIN; `);
    throw new DomainError(
      "environment-invalid",
      `Row-level security needs two roles that ${row.user} may neither make nor take. An administrator of the PostgreSQL server runs: ${make.join("")}GRANT ${roles.join(", ")} TO ${row.user};`,
    );
  } finally {
    await client.end();
  }
}

const roles = [siteRole, allSitesRole];
