package io.hindsight.image;

import java.nio.file.Path;

/**
 * A library of the build machine that goes into the image.
 *
 * @param place where the loader looks for it, in the image
 * @param file the same on this machine, with every link followed
 */
record NativePart(Path place, Path file) implements Comparable<NativePart> {
    @Override
    public int compareTo(NativePart other) {
        return place.compareTo(other.place);
    }
}
