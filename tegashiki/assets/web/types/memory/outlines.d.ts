/**
 * Short versions of keys, which rule out most of the distant keys quickly.
 *
 * An outline is the projection of a key onto a few orthonormal axes, followed by the length of the remainder. The product
 * of two outlines is at least the cosine of the vectors, so a key with a small product is distant. The axes follow the
 * keys roughly, by a few power iterations. They affect the speed, but not the result.
 */
export declare class Outlines {
    private readonly width;
    private readonly axes;
    /** (N, AXES + 1), row by row; of double precision, because conversions would cost more than the larger arrays. */
    private readonly outlines;
    private readonly count;
    /**
     * @param units (N, D), keys of length 1, row by row.
     * @param width D.
     */
    constructor(units: Float32Array, width: number);
    /** Return the ascending indices of the keys whose cosine with a vector (D) of length 1 may be at least `least`. */
    near(unit: Float32Array, least: number): number[];
    private outline;
}
