package io.hindsight.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The whole product, loaded afresh with the classes of a {@link Mutant} in it, and its simulation. */
final class MutantProgram {
    private final Method brokenBy;

    MutantProgram(Path root, Mutant mutant) throws IOException, ReflectiveOperationException {
        Loader loader = new Loader(compile(sources(root, mutant)));
        Class<?> schedule = Class.forName(Schedule.class.getName(), true, loader);
        brokenBy = schedule.getDeclaredMethod("brokenBy", long.class);
        brokenBy.setAccessible(true);
    }

    /** Which invariant the schedule of a seed breaks; null where all hold. */
    @Nullable String brokenBy(long seed) throws ReflectiveOperationException {
        try {
            return (String) brokenBy.invoke(null, seed);
        } catch (InvocationTargetException e) {
            return "no failure of the code: " + e.getCause();
        }
    }

    private static Map<String, String> sources(Path root, Mutant mutant) throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Mutant.Edit edit : mutant.edits()) {
            String source = sources.getOrDefault(edit.file(), original(root, edit.file()));
            int at = source.indexOf(edit.from());
            if (at < 0 || source.indexOf(edit.from(), at + 1) >= 0) {
                throw new IllegalStateException(
                        "The mutant '%s' is out of date: what it replaces stands not exactly once in %s."
                                .formatted(mutant, edit.file()));
            }
            sources.put(edit.file(), source.replace(edit.from(), edit.to()));
        }
        return sources;
    }

    private static String original(Path root, String file) throws IOException {
        return Files.readString(root.resolve(file));
    }

    private static Map<String, byte[]> compile(Map<String, String> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            Output output = new Output(files);
            List<JavaFileObject> units = new ArrayList<>();
            sources.forEach((file, source) -> units.add(new Source(file, source)));
            boolean compiled =
                    compiler.getTask(
                                    messages,
                                    output,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-nowarn",
                                            "-classpath",
                                            System.getProperty("java.class.path")),
                                    null,
                                    units)
                            .call();
            if (!compiled) {
                throw new IllegalStateException("The mutant does not compile: " + messages);
            }
            return output.classes();
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String content;

        Source(String file, String content) {
            super(URI.create("memory:///" + file.substring(file.indexOf("io/hindsight"))), JavaFileObject.Kind.SOURCE);
            this.content = content;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreErrors) {
            return content;
        }
    }

    private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Output(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            written.put(className, bytes);
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return bytes;
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new HashMap<>();
            written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }
    }

    /** Loads the product and the simulation itself, and leaves all else to others. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> mutated;

        Loader(Map<String, byte[]> mutated) {
            super(MutantProgram.class.getClassLoader());
            this.mutated = mutated;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.hindsight.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            byte[] bytes = mutated.get(name);
            if (bytes == null) {
                bytes = original(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }

        private byte[] original(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                return in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
