"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useSites } from "../metrics/use-sites.ts";
import { UserActions } from "./user-actions.tsx";
import { UserForm } from "./user-form.tsx";

export type User = Outputs["admin"]["users"][number];

export function UserTable() {
  const query = useQuery(useTRPC().admin.users.queryOptions());
  const [isCreating, setCreating] = useState(false);
  return (
    <Section
      title="Users"
      lead="A role is held at a site, or on the whole platform (admin and auditor only)."
      actions={
        <Button emphasis="primary" onClick={() => setCreating(true)}>
          New user
        </Button>
      }
    >
      {isCreating ? <UserForm onClose={() => setCreating(false)} /> : null}
      <QueryView query={query}>
        {(users) => (
          <Table label="Users" maxHeight="70vh">
            <thead>
              <tr>
                <Head>Name</Head>
                <Head>E-mail</Head>
                <Head>Roles</Head>
                <Head>State</Head>
                <Head>
                  <span className="sr-only">Actions</span>
                </Head>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <Row key={user.userId}>
                  <Cell className="font-medium whitespace-nowrap">{user.name}</Cell>
                  <Cell className="whitespace-nowrap">{user.email}</Cell>
                  <Cell>
                    <Roles memberships={user.memberships} />
                  </Cell>
                  <Cell>
                    <span className="flex gap-1">
                      {user.disabledAt === null ? (
                        <Badge tone="active">active</Badge>
                      ) : (
                        <Badge tone="warning">disabled</Badge>
                      )}
                      {user.isDemo ? <Badge>demo</Badge> : null}
                    </span>
                  </Cell>
                  <Cell className="text-right">
                    <UserActions user={user} />
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        )}
      </QueryView>
    </Section>
  );
}

function Roles(props: { memberships: User["memberships"] }) {
  const { nameOf } = useSites();
  if (props.memberships.length === 0) return <span className="text-slate-500">none</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {props.memberships.map(({ role, siteId }) => (
        <Badge key={`${role} ${siteId ?? ""}`}>
          {role}, {siteId === null ? "platform" : nameOf(siteId)}
        </Badge>
      ))}
    </span>
  );
}
