/** A disk in memory, for tests that must bend one: crashes, power cuts, failures and want of room, as a file system of {@code java.nio.file}. */
@NullMarked
package io.hindsight.simulation.disk;

import org.jspecify.annotations.NullMarked;
