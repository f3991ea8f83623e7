import Icon from "@ant-design/icons";
import type { ComponentProps } from "react";

type IconProps = Omit<ComponentProps<typeof Icon>, "component">;

// What the icon set lacks, drawn in its manner: 1024 units wide, one colour.
function Archive() {
  return (
    <svg viewBox="64 64 896 896" width="1em" height="1em" fill="currentColor" aria-hidden="true">
      <path d="M880 160H144c-17.700 0-32 14.300-32 32v160c0 17.700 14.300 32 32 32h16v448c0 17.700 14.300 32 32 32h640c17.700 0 32-14.300 32-32V384h16c17.700 0 32-14.300 32-32V192c0-17.700-14.300-32-32-32zm-88 632H232V384h560v408zm48-480H184v-80h656v80zM384 456h256c4.400 0 8 3.600 8 8v56c0 4.400-3.600 8-8 8H384c-4.400 0-8-3.600-8-8v-56c0-4.400 3.600-8 8-8z" />
    </svg>
  );
}

function Reply() {
  return (
    <svg viewBox="64 64 896 896" width="1em" height="1em" fill="currentColor" aria-hidden="true">
      <path d="M416 200 128 472l288 272V584c200 0 340 64 440 204-40-200-160-396-440-436V200zm-72 167v49l61 8c172 24 281 112 342 236-96-60-211-88-331-88h-72v5L233 472l111-105z" />
    </svg>
  );
}

function ReplyAll() {
  return (
    <svg viewBox="64 64 896 896" width="1em" height="1em" fill="currentColor" aria-hidden="true">
      <path d="M368 200 80 472l288 272v-99L185 472l183-173v-99zm160 0L240 472l288 272V584c180 0 300 64 384 204-32-200-140-396-384-436V200zm-72 167v49l61 8c142 22 230 106 282 226-80-52-176-78-271-78h-72v5L345 472l111-105z" />
    </svg>
  );
}

function Forward() {
  return (
    <svg viewBox="64 64 896 896" width="1em" height="1em" fill="currentColor" aria-hidden="true">
      <path d="m608 200 288 272-288 272V584c-200 0-340 64-440 204 40-200 160-396 440-436V200zm72 167v49l-61 8c-172 24-281 112-342 236 96-60 211-88 331-88h72v5l111-105-111-105z" />
    </svg>
  );
}

export const ArchiveIcon = (props: IconProps) => <Icon component={Archive} aria-hidden {...props} />;
export const ReplyIcon = (props: IconProps) => <Icon component={Reply} aria-hidden {...props} />;
export const ReplyAllIcon = (props: IconProps) => <Icon component={ReplyAll} aria-hidden {...props} />;
export const ForwardIcon = (props: IconProps) => <Icon component={Forward} aria-hidden {...props} />;
