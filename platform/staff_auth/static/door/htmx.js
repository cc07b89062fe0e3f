// Nothing of htmx that the content security policy forbids; its style is in door.css.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
