import { LoadingSkeleton } from "@yanshu/ui";

export function WaitingPage() {
  return (
    <div style={{ maxWidth: 720 }}>
      <LoadingSkeleton />
    </div>
  );
}
