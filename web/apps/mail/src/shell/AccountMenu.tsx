import { DownOutlined, UserOutlined } from "@ant-design/icons";
import { api, asProblem } from "@yanshu/api";
import { useApiMutation } from "@yanshu/api/query";
import { problemText, useMedia } from "@yanshu/ui";
import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { forgetAll } from "../features/compose/kept";
import { compose } from "../features/compose/windows";
import { paths } from "../paths";
import { useSession } from "../session/session";

/** Who is signed in, the way to the console for administrators, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { member, administrator } = useSession();
  const narrow = useMedia("(max-width: 520px)");
  const signOut = useApiMutation(api.signOut, {
    onSuccess: () => {
      forgetAll();
      location.assign("/login");
    },
    onError: (problem) => void message.error(problemText(t, problem)),
  });
  // What is being written is saved first; what cannot be saved keeps its writer here.
  const leave = () =>
    compose.saveAll().then(
      () => signOut.mutate({}),
      (cause: unknown) => void message.error(problemText(t, asProblem(cause))),
    );
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", disabled: true, label: member.address ?? member.account_name },
          { type: "divider" },
          ...(administrator ? [{ key: "console", label: <a href={paths.console}>{t("menu.console")}</a> }] : []),
          { key: "sign-out", label: t("menu.signOut"), onClick: () => void leave() },
        ],
      }}
    >
      <Button
        type="text"
        icon={<UserOutlined />}
        loading={signOut.isPending}
        aria-label={t("menu.label", { name: member.name })}
        style={{ minHeight: 40 }}
      >
        {narrow ? null : member.name}
        <DownOutlined style={{ fontSize: 10 }} aria-hidden />
      </Button>
    </Dropdown>
  );
}
