import { useMedia } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import "../features/mail/mail.css";

/** The three panes, while what they show is on its way. */
export function WaitingMailPage() {
  const { t } = useTranslation();
  const narrow = useMedia("(max-width: 860px)");
  return (
    <div className="mail" role="status" aria-busy="true">
      <span className="yanshu-hidden">{t("list.loading")}</span>
      {!narrow && <Bones className="mail-folders" widths={[86, 54, 46, 50, 40, 58, 44]} />}
      <Bones
        className="mail-list"
        style={narrow ? undefined : { width: 400 }}
        widths={[92, 40, 84, 52, 90, 36, 78, 44, 86]}
      />
      {!narrow && <div className="mail-reading reading-none" />}
    </div>
  );
}

function Bones({ className, widths, style }: { className: string; widths: number[]; style?: { width: number } }) {
  return (
    <div className={className} style={style} aria-hidden>
      <div className="mail-waiting">
        {widths.map((width) => (
          <div key={width} className="bone" style={{ width: `${width}%` }} />
        ))}
      </div>
    </div>
  );
}
