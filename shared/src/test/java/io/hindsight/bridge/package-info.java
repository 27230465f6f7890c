@NullMarked
package io.hindsight.bridge;

import org.jspecify.annotations.NullMarked;
