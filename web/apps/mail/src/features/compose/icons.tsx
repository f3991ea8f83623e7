import Icon from "@ant-design/icons";

function Quote() {
  return (
    <svg viewBox="64 64 896 896" width="1em" height="1em" fill="currentColor" aria-hidden="true">
      <path d="M212 256h250v250c0 150-90 250-230 270v-84c76-18 126-76 132-166H212V256zm380 0h250v250c0 150-90 250-230 270v-84c76-18 126-76 132-166H592V256z" />
    </svg>
  );
}

export const QuoteIcon = () => <Icon component={Quote} aria-hidden />;
