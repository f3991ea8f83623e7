import { LoadingSkeleton } from "@yanshu/ui";

export function WaitingPage() {
  return (
    <div style={{ padding: 24, maxWidth: 880 }}>
      <LoadingSkeleton />
    </div>
  );
}
