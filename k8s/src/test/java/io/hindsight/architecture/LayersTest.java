package io.hindsight.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom. */
@AnalyzeClasses(
        packages = "io.hindsight",
        importOptions = {ImportOption.DoNotIncludeTests.class, LayersTest.WithoutTestJars.class})
class LayersTest {
    /** The helpers that modules share among their tests come as a jar: they are tests all the same. */
    static final class WithoutTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String AGENT = "io.hindsight.agent..";
    private static final String HUB = "io.hindsight.hub..";
    private static final String LAUNCHER = "io.hindsight.launcher..";

    @ArchTest
    static final ArchRule shouldKeepAgentAndHubApart =
            noClasses().that().resideInAPackage(AGENT).should().dependOnClassesThat().resideInAnyPackage(HUB, LAUNCHER);

    @ArchTest
    static final ArchRule shouldKeepHubAndAgentApart =
            noClasses().that().resideInAPackage(HUB).should().dependOnClassesThat().resideInAnyPackage(AGENT, LAUNCHER);

    @ArchTest
    static final ArchRule shouldKeepSharedBelowEverything =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(AGENT, HUB, LAUNCHER)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(AGENT, HUB, LAUNCHER);

    @ArchTest
    static final ArchRule shouldHaveNoPackageCycles = slices().matching("io.hindsight.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule shouldHaveNoMutableStatics =
            fields().that().areStatic().should().beFinal().because("state belongs to objects that somebody owns");

    @ArchTest
    static final ArchRule shouldKeepDescriptorsToConstants =
            classes().that().haveSimpleNameEndingWith("Descriptor").should().haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule shouldWriteToTheTerminalFromTheLauncherOnly =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(LAUNCHER)
                    .should()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err");
}
