import { CopyButton, PublicPage } from "@yanshu/ui";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { leaveFor } from "../../location";
import { paths } from "../../paths";

/** The clear end: what was made, and what to do next. */
export function SetUpDonePage({ code, address }: { code: string; address: string }) {
  const { t } = useTranslation();
  const memberPage = `${location.origin}${paths.organisation(code)}`;
  return (
    <PublicPage title={t("setUp.done")} intro={t("setUp.doneIntro")}>
      <dl style={{ margin: "0 0 24px", display: "grid", gap: 12 }}>
        <div>
          <dt>{t("setUp.yourAddress")}</dt>
          <dd style={{ margin: 0, fontWeight: 600, overflowWrap: "anywhere" }}>{address}</dd>
        </div>
        <div>
          <dt>{t("setUp.memberPage")}</dt>
          <dd style={{ margin: 0, fontWeight: 600, overflowWrap: "anywhere" }}>
            {memberPage} <CopyButton text={memberPage} />
          </dd>
        </div>
      </dl>
      <Button type="primary" block autoFocus onClick={() => leaveFor(paths.console)}>
        {t("setUp.toConsole")}
      </Button>
    </PublicPage>
  );
}
