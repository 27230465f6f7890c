package io.hindsight.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** RELIABILITY.md names tests that exist, and in its table of bounds every constant that bounds something, with the value that it has. */
class ReliabilityDocumentTest {
    private static final Pattern ENTRY = Pattern.compile("`([A-Z]\\w*(?:\\.\\w+)+)`=(\\S+)");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|IT))`");
    private static final Pattern BOUND = Pattern.compile("(?:.*_)?(?:MAX|LIMIT)(?:_.*)?");

    /** Records all of whose components are bounds. */
    private static final Set<String> RECORDS =
            Set.of(
                    "BridgeLimits",
                    "FlowLimits",
                    "HttpLimits",
                    "LaneLimits",
                    "LinkLimits",
                    "OidcLimits",
                    "ReadLimits",
                    "SessionTimeouts");

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOptions(List.of(new ImportOption.DoNotIncludeTests(), new LayersTest.WithoutTestJars()))
                    .importPackages("io.hindsight");

    @Test
    void shouldNameEveryBound() throws IOException {
        Set<String> bounds = new TreeSet<>();
        for (JavaClass each : classes) {
            if (!each.getPackageName().endsWith(".demo")) {
                each.getFields().stream()
                        .filter(ReliabilityDocumentTest::isBound)
                        .map(ReliabilityDocumentTest::name)
                        .forEach(bounds::add);
            }
            if (RECORDS.contains(each.getSimpleName())) {
                components(each).map(component -> each.getSimpleName() + ".DEFAULTS." + component).forEach(bounds::add);
            }
        }
        assertThat(bounds).hasSizeGreaterThan(50);
        assertThat(documented().keySet()).containsAll(bounds);
    }

    @Test
    void shouldGiveTheValuesThatHold() throws IOException, ReflectiveOperationException {
        for (Map.Entry<String, String> entry : documented().entrySet()) {
            assertThat(valueOf(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
        }
    }

    @Test
    void shouldNameTestsThatExist() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher matcher = TEST.matcher(document());
        while (matcher.find()) {
            named.add(matcher.group(1));
        }
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(testClasses()).containsAll(named);
    }

    private static Set<String> testClasses() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }

    private static String document() throws IOException {
        return Files.readString(Path.of("..", "docs", "RELIABILITY.md"));
    }

    private static boolean isBound(JavaField field) {
        boolean measures = field.getRawType().isPrimitive() || field.getRawType().isEquivalentTo(Duration.class);
        return measures
                && field.getModifiers().containsAll(Set.of(JavaModifier.STATIC, JavaModifier.FINAL))
                && BOUND.matcher(field.getName()).matches();
    }

    private static String name(JavaField field) {
        return field.getOwner().getSimpleName() + "." + field.getName();
    }

    private static Stream<String> components(JavaClass record) {
        return Arrays.stream(record.reflect().getRecordComponents()).map(RecordComponent::getName);
    }

    private static Map<String, String> documented() throws IOException {
        Map<String, String> entries = new TreeMap<>();
        Matcher matcher = ENTRY.matcher(document());
        while (matcher.find()) {
            entries.put(matcher.group(1), matcher.group(2));
        }
        return entries;
    }

    private String valueOf(String name) throws ReflectiveOperationException {
        List<String> parts = List.of(name.split("\\."));
        int constant = parts.get(parts.size() - 2).equals("DEFAULTS") ? parts.size() - 2 : parts.size() - 1;
        Field field = type(parts.get(constant - 1), parts.get(constant)).getDeclaredField(parts.get(constant));
        field.setAccessible(true);
        Object value = field.get(null);
        if (constant < parts.size() - 1) {
            var accessor = value.getClass().getDeclaredMethod(parts.getLast());
            accessor.setAccessible(true);
            value = accessor.invoke(value);
        }
        return value.toString();
    }

    private Class<?> type(String simpleName, String constant) {
        List<JavaClass> found =
                classes.stream()
                        .filter(each -> each.getSimpleName().equals(simpleName))
                        .filter(each -> each.tryGetField(constant).isPresent())
                        .collect(Collectors.toList());
        assertThat(found).as(simpleName).hasSize(1);
        return found.getFirst().reflect();
    }
}
