package io.hindsight.hub.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.simple.SimpleLogger;

/** What is logged while it is open: the tests' log backend writes to the error stream. */
public final class LogLines implements AutoCloseable {
    private static final int DEBUG = 10;
    private static final int WARN = 30;

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** From now on. */
    public LogLines() {
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    /** From debug on, of whichever library, until it is closed. */
    public LogLines debug() {
        setLevel(DEBUG);
        return this;
    }

    /** Everything. */
    public String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Lines that hold these words. */
    public List<String> with(String words) {
        return text().lines().filter(line -> line.contains(words)).toList();
    }

    /** The backend has its levels from the JVM's options alone, and this JVM runs other tests too. */
    private static void setLevel(int level) {
        try {
            ILoggerFactory factory = LoggerFactory.getILoggerFactory();
            Map<?, ?> loggers = (Map<?, ?>) field(factory.getClass(), "loggerMap").get(factory);
            Field current = field(SimpleLogger.class, "currentLogLevel");
            for (Object logger : loggers.values()) {
                current.setInt(logger, level);
            }
            Object parameters = field(SimpleLogger.class, "CONFIG_PARAMS").get(null);
            field(parameters.getClass(), "defaultLogLevel").setInt(parameters, level);
        } catch (ReflectiveOperationException otherBackend) {
            throw new LinkageError("The log backend is another one.", otherBackend);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @Override
    public void close() {
        System.setErr(before);
        setLevel(WARN);
    }
}
