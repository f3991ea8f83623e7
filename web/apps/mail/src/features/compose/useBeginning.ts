import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Id, Identity } from "@yanshu/api/jmap";
import { useTimeContext } from "@yanshu/ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MailStore } from "../mail/store/mailStore";
import { identitiesQuery, mailboxesQuery } from "../mail/store/queries";
import { mailQuery } from "../mail/store/useMail";
import type { Draft } from "./draft";
import { readKept } from "./kept";
import type { Seed } from "./seed";
import { draftOf, type SeedMail, seedProperties } from "./seeding";

/** What a window needs before anybody can write in it. */
export interface Beginning {
  mail: MailStore;
  identities: Identity[];
  draft: Draft;
  emailId: Id | null;
  keptKey: string;
  /** The server has not got it. */
  onlyHere: boolean;
}

export function useBeginning(seed: Seed) {
  const { t } = useTranslation();
  const time = useTimeContext();
  const queries = useQueryClient();
  return useQuery<Beginning>({
    queryKey: ["compose", seed, useState(() => crypto.randomUUID())[0]],
    queryFn: async () => {
      const mail = await queries.ensureQueryData(mailQuery(queries));
      const [identities] = await Promise.all([
        queries.ensureQueryData(identitiesQuery(mail.client)),
        queries.ensureQueryData(mailboxesQuery(mail.client)),
      ]);
      if (seed.kind === "kept") {
        const kept = readKept(seed.keptKey);
        const draft = kept?.draft ?? draftOf({ kind: "new" }, null, { identities, t, time });
        return {
          mail,
          identities,
          draft,
          emailId: kept?.emailId ?? null,
          keptKey: seed.keptKey,
          onlyHere: kept !== null,
        };
      }
      const origin = seed.kind === "new" ? null : await seedMail(mail, seed.emailId);
      return {
        mail,
        identities,
        draft: draftOf(seed, origin, { identities, t, time }),
        emailId: seed.kind === "draft" ? seed.emailId : null,
        keptKey: crypto.randomUUID(),
        onlyHere: false,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    structuralSharing: false,
  });
}

async function seedMail(mail: MailStore, id: Id): Promise<SeedMail | null> {
  const { list } = await mail.client.call("Email/get", {
    ids: [id],
    properties: seedProperties,
    fetchTextBodyValues: true,
    fetchHTMLBodyValues: true,
  });
  return (list[0] as SeedMail | undefined) ?? null;
}
