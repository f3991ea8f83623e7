import { Button, type ButtonProps, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import type { Permission } from "../server/types";
import { useMay } from "../session/session";

interface GuardedButtonProps extends ButtonProps {
  needs: Permission;
  /** Another reason why it cannot be done now. */
  reason?: string | undefined;
}

/** A button that shows who may not press it, and why. */
export function GuardedButton({ needs, reason, ...button }: GuardedButtonProps) {
  const { t } = useTranslation();
  const may = useMay();
  const why = may(needs) ? reason : t("states.mayNot", { permission: t(`permissions.${needs}`) });
  if (why === undefined) return <Button {...button} />;
  return (
    <Tooltip title={why}>
      <Button {...button} disabled aria-description={why} />
    </Tooltip>
  );
}
