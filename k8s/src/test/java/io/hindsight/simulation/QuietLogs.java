package io.hindsight.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What goes wrong on purpose is logged by nobody; what should not have, a schedule's report tells. */
final class QuietLogs {
    private static final List<String> NAMES = List.of("ROOT", "io.hindsight", "io.vertx");

    private final Map<String, @Nullable Level> before = new HashMap<>();

    void silence() {
        for (String name : NAMES) {
            if (LoggerFactory.getLogger(name) instanceof Logger logger) {
                before.put(name, logger.getLevel());
                logger.setLevel(Level.OFF);
            }
        }
    }

    void speak() {
        before.forEach((name, level) -> {
            if (LoggerFactory.getLogger(name) instanceof Logger logger) {
                logger.setLevel(level);
            }
        });
    }
}
