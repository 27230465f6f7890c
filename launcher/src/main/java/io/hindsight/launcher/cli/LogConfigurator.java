package io.hindsight.launcher.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Sets logging up when the first logger is asked for; found by logback as a service. Lines go to the error stream: readable ones on a
 * terminal, JSON elsewhere. In code and not in XML, because a client must start fast.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    private static final String OWN_PACKAGES = "io.hindsight";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(
                Terminal.ofProcess().errInteractive() ? readable(context) : started(new JsonLineEncoder(), context));
        appender.start();
        context.getLogger(OWN_PACKAGES).setLevel(Level.INFO);
        // It warns of two verticles that register one gauge, which is as it should be.
        context.getLogger("io.micrometer").setLevel(Level.ERROR);
        // It warns of every refused dial of a link, which says so itself, once.
        context.getLogger("io.vertx.core.http.impl.HttpClientConnectionInternal").setLevel(Level.ERROR);
        // What the cluster's libraries warn of in plain words is said by ClusterMember; a peer that is not there yet is
        // no warning.
        context.getLogger("io.vertx.core.eventbus.impl.clustered").setLevel(Level.ERROR);
        context.getLogger("org.jgroups").setLevel(Level.ERROR);
        context.getLogger("org.infinispan").setLevel(Level.ERROR);
        // Each with a stack trace, when the cluster is not joined, which is told as the command's failure.
        for (String logger : List.of("CONFIG", "CONTAINER", "manager.DefaultCacheManager")) {
            context.getLogger("org.infinispan." + logger).setLevel(Level.OFF);
        }
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Shows also what only a developer wants to read. */
    public static void debug() {
        level(Level.DEBUG);
    }

    /** Shows only what somebody should look after. */
    public static void quiet() {
        level(Level.WARN);
    }

    /** Every JSON line from now on names the node. */
    public static void node(String name) {
        inContext(context -> context.putProperty("node", name));
    }

    private static void level(Level level) {
        inContext(context -> context.getLogger(OWN_PACKAGES).setLevel(level));
    }

    private static void inContext(Consumer<LoggerContext> change) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            change.accept(context);
        }
    }

    private static Encoder<ILoggingEvent> readable(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n");
        return started(encoder, context);
    }

    private static Encoder<ILoggingEvent> started(EncoderBase<ILoggingEvent> encoder, LoggerContext context) {
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }
}
