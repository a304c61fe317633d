// dlib's own landmarks and face chips, for comparison: pictures come on standard input (picture-stream.ts), a line of
// JSON a picture goes out.
//
//     g++ -O2 -o dlib-landmarks tools/landmarks/dlib_landmarks.cpp -ldlib -llapack -lblas
//     dlib-landmarks predict FILE.dat < pictures   boxes, scores and points; a picture's numbers are boxes (left, top,
//                                                  right, bottom, inclusive), or none: dlib's detector is asked
//     dlib-landmarks chips < pictures              a picture's numbers are size, padding and points: for
//                                                  get_face_chip_details centre, side, angle, and chip pixels to picture
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <dlib/revision.h>
#include <cstdio>
#include "picture_stream.h"

using namespace dlib;

template <typename image>
static void describe(const image& img, const std::vector<float>& numbers, frontal_face_detector& detect, const shape_predictor& predict)
{
    std::vector<std::pair<double, rectangle>> boxes;
    for (size_t i = 0; i + 3 < numbers.size(); i += 4)
        boxes.emplace_back(0, rectangle(numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]));
    if (numbers.empty()) detect(img, boxes);
    std::printf("[");
    for (size_t f = 0; f < boxes.size(); ++f)
    {
        const rectangle& box = boxes[f].second;
        const full_object_detection shape = predict(img, box);
        std::printf("%s{\"box\":[%ld,%ld,%ld,%ld],\"score\":%.9g,\"points\":[", f ? "," : "", box.left(), box.top(), box.right(), box.bottom(), boxes[f].first);
        for (unsigned long i = 0; i < shape.num_parts(); ++i)
            std::printf("%s%ld,%ld", i ? "," : "", shape.part(i).x(), shape.part(i).y());
        std::printf("]}");
    }
    std::printf("]\n");
}

static void describe_chip(const std::vector<float>& numbers)
{
    std::vector<point> parts;
    for (size_t i = 2; i + 1 < numbers.size(); i += 2) parts.emplace_back(std::lround(numbers[i]), std::lround(numbers[i + 1]));
    const chip_details chip = get_face_chip_details(full_object_detection(rectangle(), parts), numbers[0], numbers[1]);
    const point_transform_affine map = inv(get_mapping_to_chip(chip));
    const auto m = map.get_m();
    const auto b = map.get_b();
    std::printf("{\"centre\":[%.15g,%.15g],\"side\":%.15g,\"angle\":%.15g,\"map\":[%.15g,%.15g,%.15g,%.15g,%.15g,%.15g]}\n",
                center(chip.rect).x(), center(chip.rect).y(), chip.rect.width(), chip.angle,
                m(0, 0), m(0, 1), b.x(), m(1, 0), m(1, 1), b.y());
}

int main(int argc, char** argv)
{
    const std::string what = argc > 1 ? argv[1] : "";
    picture p;
    if (what == "version" && argc == 2)
        std::printf("dlib %d.%d\n", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION);
    else if (what == "chips" && argc == 2)
        while (read_picture(std::cin, p)) describe_chip(p.numbers);
    else if (what == "predict" && argc == 3)
    {
        shape_predictor predict;
        deserialize(argv[2]) >> predict;
        frontal_face_detector detect = get_frontal_face_detector();
        while (read_picture(std::cin, p))
        {
            if (p.colour) describe(p.rgb, p.numbers, detect, predict);
            else describe(p.grey, p.numbers, detect, predict);
        }
    }
    else
        return std::fprintf(stderr, "usage: dlib-landmarks version | chips | predict FILE.dat\n"), 64;
}
