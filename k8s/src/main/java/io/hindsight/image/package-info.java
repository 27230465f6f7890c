/** Makes the container image: part of the build, not of the program. */
@NullMarked
package io.hindsight.image;

import org.jspecify.annotations.NullMarked;
