import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { keyOf } from "@yanshu/api/query";
import { ErrorState } from "@yanshu/ui";
import { Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Member } from "../../server/types";

/** How far back, in hours. */
const spans = { hour: 1, day: 24, week: 7 * 24, all: 10 * 365 * 24 } as const;
type Span = keyof typeof spans;

/** Brings back what the member deleted for good, by when that was. Nobody sees any of it here. */
export function RestoreMail({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation();
  const notices = useNotices();
  const client = useQueryClient();
  const [span, setSpan] = useState<Span>("day");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function start() {
    setBusy(true);
    setProblem(undefined);
    const now = Date.now();
    try {
      await api.restoreMemberMail({
        path: { id: member.id },
        body: {
          removed_from: new Date(now - spans[span] * 3_600_000).toISOString(),
          // What the clocks of the browser and the server differ by.
          removed_until: new Date(now + 3_600_000).toISOString(),
        },
      });
      await client.invalidateQueries({ queryKey: keyOf(api.listJobs) });
      notices.done(t("restoreMail.started"));
      onClose();
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      open
      title={t("restoreMail.title", { name: member.name })}
      okText={t("restoreMail.start")}
      cancelText={t("parts.cancel")}
      confirmLoading={busy}
      onOk={() => void start()}
      onCancel={onClose}
    >
      <p>{t("restoreMail.text")}</p>
      <Radio.Group
        aria-label={t("restoreMail.when")}
        vertical
        value={span}
        onChange={({ target }) => setSpan(target.value as Span)}
        options={(Object.keys(spans) as Span[]).map((value) => ({ value, label: t(`restoreMail.span.${value}`) }))}
      />
      {problem === undefined ? null : (
        <div style={{ marginTop: 16 }}>
          <ErrorState problem={asProblem(problem)} />
        </div>
      )}
    </Modal>
  );
}
