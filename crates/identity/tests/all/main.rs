mod throttle;
