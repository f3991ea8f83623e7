export default function ComposeDock() {
  return null;
}
